# The developer's commands on Windows, as in the Makefile:
#   .\dev.ps1 setup  make .venv, or bring it up to date
#   .\dev.ps1 run    practice mode: the whole program against a built-in simulator of Loop, sends nothing
#   .\dev.ps1 test   every check that must pass before a commit
param([ValidateSet("setup", "run", "test")][string]$Command = "test")
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot

function Invoke-Step {
    # Runs one program and stops at the first that fails.
    & $args[0] $args[1..($args.Length - 1)]
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

$bin = ".venv\Scripts"
$wanted = (Get-FileHash requirements\dev.txt).Hash + (Get-FileHash pyproject.toml).Hash
$ready = if (Test-Path .venv\.ready) { (Get-Content .venv\.ready -Raw).Trim() } else { "" }
if ($ready -ne $wanted) {
    if (-not (Test-Path "$bin\python.exe")) { Invoke-Step py -3 -m venv .venv }
    Invoke-Step "$bin\python.exe" -m pip install --quiet --require-hashes -r requirements\dev.txt
    Invoke-Step "$bin\python.exe" -m pip install --quiet --no-deps --no-build-isolation -e .
    Set-Content .venv\.ready $wanted
}

switch ($Command) {
    "run" { Invoke-Step "$bin\loopdesk.exe" --demo }
    "test" {
        Invoke-Step "$bin\ruff.exe" format --check
        Invoke-Step "$bin\ruff.exe" check
        Invoke-Step "$bin\mypy.exe"
        Invoke-Step "$bin\lint-imports.exe"
        $env:QT_QPA_PLATFORM = "offscreen"
        Invoke-Step "$bin\python.exe" -m pytest -q
    }
}
