/* What the installer does besides copying files; msiexec calls these out of the MSI's Binary table.

   RefuseWhileRunning  nothing is changed under a program that runs: waits as long as WAITSECONDS says
   GuardMachineFolder  only administrators may write what all who work at this machine are given
   TellWaiting         says how many actions the stores of this machine still hold, before a removal
   LeaveMachineFolder  takes the guarded folder away when nothing is in it                              */

#define UNICODE
#define _WIN32_WINNT 0x0A00
#include <windows.h>
#include <msi.h>
#include <msiquery.h>
#include <aclapi.h>
#include <sddl.h>
#include <tlhelp32.h>
#include <wchar.h>

#define LONGEST 1024
#define LOOK_MILLISECONDS 500
#define TELL_MILLISECONDS 60000
#define PIPE_BYTES 65536

static const wchar_t *const PROGRAMS[] = {L"loopdesk.exe", L"loopdesk-cli.exe"};

/* Send a text to the log and, where there is a window, to the person; returns the pressed button. */
static int say(MSIHANDLE install, UINT kind, const wchar_t *text)
{
    MSIHANDLE record = MsiCreateRecord(1);
    MsiRecordSetString(record, 0, L"[1]");
    MsiRecordSetString(record, 1, text);
    int answer = MsiProcessMessage(install, (INSTALLMESSAGE)kind, record);
    MsiCloseHandle(record);
    return answer;
}

static void property(MSIHANDLE install, const wchar_t *name, wchar_t *value)
{
    DWORD length = LONGEST;
    if (MsiGetPropertyW(install, name, value, &length) != ERROR_SUCCESS)
        value[0] = 0;
}

/* Whether a process runs out of the folder; one that does not tell from where counts as ours. */
static BOOL runs_from(DWORD process, const wchar_t *folder)
{
    wchar_t path[LONGEST];
    DWORD length = LONGEST;
    HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process);
    BOOL told = handle && QueryFullProcessImageNameW(handle, 0, path, &length);
    if (handle)
        CloseHandle(handle);
    return !told || !folder[0] || _wcsnicmp(path, folder, wcslen(folder)) == 0;
}

static BOOL is_running(const wchar_t *folder)
{
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    BOOL found = FALSE;
    if (all == INVALID_HANDLE_VALUE)
        return FALSE;
    for (BOOL more = Process32FirstW(all, &entry); more && !found; more = Process32NextW(all, &entry))
        for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++)
            found = found || (_wcsicmp(entry.szExeFile, PROGRAMS[i]) == 0 &&
                              runs_from(entry.th32ProcessID, folder));
    CloseHandle(all);
    return found;
}

__declspec(dllexport) UINT __stdcall RefuseWhileRunning(MSIHANDLE install)
{
    wchar_t folder[LONGEST], wait[LONGEST];
    property(install, L"INSTALLDIR", folder);
    property(install, L"WAITSECONDS", wait);
    ULONGLONG until = GetTickCount64() + 1000ULL * wcstoul(wait, NULL, 10);
    for (;;) {
        if (!is_running(folder))
            return ERROR_SUCCESS;
        if (GetTickCount64() < until) {
            Sleep(LOOK_MILLISECONDS);
        } else if (say(install, INSTALLMESSAGE_WARNING | MB_RETRYCANCEL | MB_ICONWARNING,
                       L"loopdesk is running. Close it on every screen of this machine, then try again.") != IDRETRY) {
            say(install, INSTALLMESSAGE_INFO, L"loopdesk: nothing was changed, because loopdesk is running.");
            return ERROR_INSTALL_FAILURE;
        }
    }
}

/* Owner and writers: administrators and the system; everybody else reads. */
__declspec(dllexport) UINT __stdcall GuardMachineFolder(MSIHANDLE install)
{
    wchar_t folder[LONGEST];
    PSECURITY_DESCRIPTOR rights = NULL;
    PSID owner = NULL;
    PACL list = NULL;
    BOOL present, defaulted;
    property(install, L"CustomActionData", folder);
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
            L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;GRGX;;;BU)", SDDL_REVISION_1, &rights, NULL))
        return ERROR_INSTALL_FAILURE;
    SECURITY_ATTRIBUTES made = {sizeof made, rights, FALSE};
    DWORD failed = CreateDirectoryW(folder, &made) ? 0 : GetLastError();
    if (failed == ERROR_ALREADY_EXISTS) { /* made by IT, or by somebody who should not have */
        DWORD kind = GetFileAttributesW(folder);
        if (kind & FILE_ATTRIBUTE_REPARSE_POINT) {
            failed = ERROR_REPARSE_TAG_INVALID;
        } else {
            GetSecurityDescriptorOwner(rights, &owner, &defaulted);
            GetSecurityDescriptorDacl(rights, &present, &list, &defaulted);
            failed = SetNamedSecurityInfoW(folder, SE_FILE_OBJECT,
                                           OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION |
                                               PROTECTED_DACL_SECURITY_INFORMATION,
                                           owner, NULL, list, NULL);
        }
    }
    LocalFree(rights);
    if (!failed)
        return ERROR_SUCCESS;
    say(install, INSTALLMESSAGE_ERROR | MB_OK | MB_ICONERROR,
        L"The folder of this machine's settings could not be kept for administrators alone.");
    return ERROR_INSTALL_FAILURE;
}

__declspec(dllexport) UINT __stdcall LeaveMachineFolder(MSIHANDLE install)
{
    wchar_t folder[LONGEST];
    property(install, L"CustomActionData", folder);
    RemoveDirectoryW(folder); /* fails, as it should, while IT's settings are in it */
    return ERROR_SUCCESS;
}

/* Run a command without a window. Returns its exit code, or -1 when it did not run to its end. */
static long run(wchar_t *command, char *printed, DWORD room)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    HANDLE from, into;
    PROCESS_INFORMATION child;
    DWORD code = (DWORD)-1, got, used = 0;
    if (!CreatePipe(&from, &into, &inherited, PIPE_BYTES))
        return -1;
    SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0);
    HANDLE nothing = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                 &inherited, OPEN_EXISTING, 0, NULL);
    STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES,
                          .hStdInput = nothing, .hStdOutput = into, .hStdError = nothing};
    BOOL began = CreateProcessW(NULL, command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &child);
    CloseHandle(into);
    CloseHandle(nothing);
    if (began) { /* it prints a few lines, which the pipe holds: it ends without being read */
        if (WaitForSingleObject(child.hProcess, TELL_MILLISECONDS) == WAIT_OBJECT_0)
            GetExitCodeProcess(child.hProcess, &code);
        else
            TerminateProcess(child.hProcess, 1);
        while (used < room - 1 && ReadFile(from, printed + used, room - 1 - used, &got, NULL) && got)
            used += got;
        CloseHandle(child.hProcess);
        CloseHandle(child.hThread);
    }
    CloseHandle(from);
    printed[used] = 0;
    return (long)code;
}

/* CustomActionData is the command that counts: 0 says that nothing waits. Only a person stops a removal. */
__declspec(dllexport) UINT __stdcall TellWaiting(MSIHANDLE install)
{
    wchar_t command[LONGEST], said[LONGEST + 128] = L"loopdesk: ";
    char text[LONGEST] = "";
    property(install, L"CustomActionData", command);
    long code = run(command, text, sizeof text);
    size_t head = wcslen(said);
    if (code < 0 || !MultiByteToWideChar(CP_UTF8, 0, text, -1, said + head, LONGEST))
        wcscpy(said + head, L"the actions that are still waiting could not be counted.");
    for (size_t end = wcslen(said); end && wcschr(L"\r\n", said[end - 1]); end--)
        said[end - 1] = 0;
    if (code == 0) {
        say(install, INSTALLMESSAGE_INFO, said);
        return ERROR_SUCCESS;
    }
    wcscat(said, L"\r\nThey stay on this machine and go out when loopdesk is installed again.");
    UINT kind = INSTALLMESSAGE_WARNING | MB_OKCANCEL | MB_ICONWARNING;
    return say(install, kind, said) == IDCANCEL ? ERROR_INSTALL_USEREXIT : ERROR_SUCCESS;
}
