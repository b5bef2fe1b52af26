# Make this checkout ready to build what people install on Windows: a virtual environment with the locked packages, in
# .venv-package. What `.ci/setup package` is elsewhere.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
Set-Location (Join-Path $PSScriptRoot '..')

function Invoke-Checked([string] $What, [scriptblock] $Command) {
    & $Command
    if ($LASTEXITCODE -ne 0) { throw "$What failed with code $LASTEXITCODE." }
}

$python = '.venv-package/Scripts/python.exe'
if (-not (Test-Path $python)) {
    Invoke-Checked 'Making the virtual environment' { python -m venv .venv-package }
}
foreach ($lock in 'requirements-build', 'requirements', 'requirements-model', 'requirements-package') {
    # Every package is named and hashed in the lock, so there is nothing left to resolve.
    Invoke-Checked "Installing the packages of $lock.lock" {
        & $python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --require-hashes `
            --only-binary :all: --retries 2 -r "$lock.lock"
    }
}
