# smoke.ps1 PROGRAM REPORT: runs the program's smoke test, and kills it after a hard time limit.
param([Parameter(Mandatory)][string]$Program, [Parameter(Mandatory)][string]$Report)
$ErrorActionPreference = "Stop"
$child = Start-Process $Program -ArgumentList "--smoke", "--report", "`"$Report`"" -PassThru
$null = $child.Handle # without it the exit code is not kept
if (-not $child.WaitForExit(120000)) {
    $child.Kill()
    throw "smoke: no end after 120 s (a message box that nobody sees?)"
}
if (Test-Path $Report) { Get-Content $Report }
if ($child.ExitCode -ne 0) { throw "smoke: exit code $($child.ExitCode)" }
