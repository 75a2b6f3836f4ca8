# On Windows: freezes loopdesk into build\frozen\loopdesk and tries it there. The MSI is made of it on Linux.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")

function Invoke-Step {
    # Runs one program and stops at the first that fails.
    & $args[0] $args[1..($args.Length - 1)]
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

$freezer = "build\freezer\Scripts\python.exe"
if (-not (Test-Path $freezer)) { Invoke-Step python -m venv build\freezer }
Invoke-Step $freezer -m pip install --quiet --require-hashes -r requirements\package.txt
# Freezes with the .spec, and checks contents, sizes, licenses and missing modules, as on the other systems.
$env:PYTHONPATH = "packaging"
Invoke-Step $freezer -m freeze.build
& "$PSScriptRoot\smoke.ps1" "build\frozen\loopdesk\loopdesk.exe" "build\smoke-folder.json"
