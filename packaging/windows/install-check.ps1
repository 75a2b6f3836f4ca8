# On Windows, as an administrator: installs the MSI of build\windows, runs the installed program, checks
# that it is not replaced while it is open, uninstalls it, and checks that the user's data stayed.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")
$msi = (Get-ChildItem build\windows\*.msi | Select-Object -First 1).FullName
$program = "$env:ProgramFiles\loopdesk\loopdesk.exe"

function Invoke-Msi([string[]]$Arguments, [int[]]$Expected) {
    # Runs msiexec silently, with its log, and wants one of these exit codes.
    $child = Start-Process msiexec -ArgumentList ($Arguments + "/qn", "/norestart", "/l*v", "build\msiexec.log") -Wait -PassThru
    if ($Expected -notcontains $child.ExitCode) {
        Get-Content build\msiexec.log -Tail 80
        throw "msiexec $Arguments ended with $($child.ExitCode), expected $Expected"
    }
}

Invoke-Msi @("/i", "`"$msi`"", "STATION=Dock-1") 0
& "$PSScriptRoot\smoke.ps1" $program "build\smoke-installed.json"
if (-not (Get-MpThreatDetection | Where-Object { $_.Resources -match "loopdesk" })) { "install-check: Defender has nothing to say" }
else { throw "Defender complains of loopdesk" }

$open = Start-Process $program -ArgumentList "--demo" -PassThru
Start-Sleep 10
Invoke-Msi @("/fa", "`"$msi`"", "WAITSECONDS=0") @(1603, 1602)
$open.CloseMainWindow() | Out-Null
if (-not $open.WaitForExit(30000)) { $open.Kill() }

Invoke-Msi @("/x", "`"$msi`"") 0
if (Test-Path "$env:ProgramFiles\loopdesk") { throw "the uninstaller left files" }
if (-not (Test-Path "$env:LOCALAPPDATA\loopdesk")) { throw "the uninstaller took the user's data" }
"install-check: installed, tried, refused while open, removed; data stayed"
