/* wine's mscms.dll lacks functions that Qt's windows platform imports: no color profile is found here. */
#include <windows.h>

static BOOL none(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

__declspec(dllexport) HANDLE WINAPI OpenColorProfileW(void *profile, DWORD access, DWORD share, DWORD mode)
{
    (void)profile, (void)access, (void)share, (void)mode;
    none(ERROR_FILE_NOT_FOUND);
    return NULL;
}

__declspec(dllexport) HANDLE WINAPI WcsCreateIccProfile(HANDLE profile, DWORD options)
{
    (void)profile, (void)options;
    none(ERROR_CALL_NOT_IMPLEMENTED);
    return NULL;
}

__declspec(dllexport) BOOL WINAPI GetColorProfileFromHandle(HANDLE profile, PBYTE data, DWORD *size)
{
    (void)profile, (void)data;
    if (size)
        *size = 0;
    return none(ERROR_INVALID_HANDLE);
}

__declspec(dllexport) BOOL WINAPI CloseColorProfile(HANDLE profile)
{
    (void)profile;
    return TRUE;
}
