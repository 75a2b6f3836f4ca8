/* wine has no ICU. Qt asks it only for encodings that it does not know itself: none is ever found here. */
#define FILE_ACCESS 4
#define ILLEGAL_ARGUMENT 1
#define EXPORT __declspec(dllexport)
#define UNUSED(name) EXPORT int name(void) { return 0; }

EXPORT void *ucnv_open(const char *name, int *error)
{
    (void)name;
    if (error)
        *error = FILE_ACCESS;
    return 0;
}

EXPORT const char *ucnv_getName(const void *converter, int *error)
{
    (void)converter;
    if (error)
        *error = ILLEGAL_ARGUMENT;
    return 0;
}

EXPORT const char *ucnv_getStandardName(const char *name, const char *standard, int *error)
{
    (void)standard;
    return ucnv_getName(name, error);
}

EXPORT const char *ucnv_getAvailableName(int number)
{
    (void)number;
    return 0;
}

UNUSED(ucnv_countAvailable)
UNUSED(ucnv_close)
UNUSED(ucnv_reset)
UNUSED(ucnv_getMaxCharSize)
UNUSED(ucnv_getToUCallBack)
UNUSED(ucnv_getFromUCallBack)
UNUSED(ucnv_setToUCallBack)
UNUSED(ucnv_setFromUCallBack)
UNUSED(ucnv_cbToUWriteUChars)
UNUSED(ucnv_cbFromUWriteUChars)
UNUSED(ucnv_toUnicode)
UNUSED(ucnv_fromUnicode)
UNUSED(ucnv_toUCountPending)
UNUSED(ucnv_fromUCountPending)
UNUSED(UCNV_FROM_U_CALLBACK_SUBSTITUTE)
UNUSED(UCNV_TO_U_CALLBACK_SUBSTITUTE)
