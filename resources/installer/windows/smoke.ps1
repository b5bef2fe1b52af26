# Try the installer as a person would: install it without an administrator, use it, remove it, look what is left.
#
#   smoke.ps1 -Installer dist\aiproxy-desktop-1.2.3-windows-x86_64-setup.exe -Version 1.2.3 [-Picture window.png]
param(
    [Parameter(Mandatory)] [string] $Installer,
    [Parameter(Mandatory)] [string] $Version,
    [string] $Picture = ''
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$name = 'AI Proxy Desktop'
$work = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
$data = Join-Path $work 'data'
$folder = Join-Path $env:LOCALAPPDATA "Programs\$name"
$menu = Join-Path $env:APPDATA "Microsoft\Windows\Start Menu\Programs\$name.lnk"
New-Item -ItemType Directory $work | Out-Null

function Assert-That([bool] $Holds, [string] $Sentence) {
    if (-not $Holds) { throw $Sentence }
}

# Start-Process -Wait would wait for what it starts in turn as well.
function Invoke-Program([string] $Program, [string[]] $Arguments, [int] $Seconds) {
    $process = Start-Process -FilePath $Program -ArgumentList $Arguments -PassThru -NoNewWindow
    $null = $process.Handle  # without this the code of its end is not kept
    if (-not $process.WaitForExit($Seconds * 1000)) {
        $process.Kill()
        throw "$Program did not end within $Seconds seconds."
    }
    return $process.ExitCode
}

try {
    $log = Join-Path $work 'setup.log'
    $silently = '/VERYSILENT', '/SUPPRESSMSGBOXES', '/NORESTART', '/CURRENTUSER', '/TASKS=openwith,commandline', "/LOG=`"$log`""
    $code = Invoke-Program (Resolve-Path $Installer).Path $silently 600
    if ($code -ne 0) { Get-Content $log -Tail 40 }
    Assert-That ($code -eq 0) "The installer ended with code $code."
    Assert-That (Test-Path $menu) 'There is no entry in the Start menu.'
    $windowed = Join-Path $folder 'aiproxy-desktop.exe'
    $console = Join-Path $folder 'aiproxy-desktop.com'
    foreach ($program in $windowed, $console) {
        $told = (Get-Item $program).VersionInfo
        Assert-That ($told.ProductName -eq $name) "$program does not bear the product's name."
        Assert-That ($told.ProductVersion -eq $Version) "$program says it is $($told.ProductVersion)."
    }

    $path = [Environment]::GetEnvironmentVariable('Path', 'User')
    Assert-That ("$path".Split(';') -contains $folder) 'Terminals would not find the command.'
    $env:Path = "$folder;$env:Path"
    Assert-That ((Get-Command aiproxy-desktop).Source -eq $console) 'Terminals would find the program with the window.'
    $told = & $console --version
    Assert-That ($told -eq "aiproxy-desktop $Version") "It says it is '$told' and should be $Version."
    & $console --help | Out-Null
    Assert-That ($LASTEXITCODE -eq 0) '--help failed.'
    $answer = (& $console --data-dir $data ask 'Say hello.') -join ' '
    Assert-That ($LASTEXITCODE -eq 0 -and $answer.Trim() -ne '') 'The built-in model answered nothing.'
    Write-Output "It says hello: $answer"

    'sk-of-a-smoke-test' | & $console --data-dir $data keys set openai
    Assert-That ($LASTEXITCODE -eq 0) 'A key could not be kept by Windows.'
    & $console --data-dir $data keys remove openai
    Assert-That ($LASTEXITCODE -eq 0) 'The key could not be removed again.'

    $shot = Join-Path $work 'window.png'
    $code = Invoke-Program $windowed @('--data-dir', "`"$data`"", '--smoke', "`"$shot`"") 300
    if (Test-Path $shot) { if ($Picture) { Copy-Item $shot $Picture } }
    Assert-That ($code -eq 0 -and (Test-Path $shot)) "The window did not answer (code $code)."

    # A newer version comes over an older one.
    $code = Invoke-Program (Resolve-Path $Installer).Path $silently 600
    Assert-That ($code -eq 0) "Installing it once more ended with code $code."

    $code = Invoke-Program (Join-Path $folder 'unins000.exe') @('/VERYSILENT', '/SUPPRESSMSGBOXES', '/NORESTART') 300
    Assert-That ($code -eq 0) "Removing it ended with code $code."
    # The uninstaller goes on for a moment as a copy of itself, so that it can remove its own file.
    $patience = (Get-Date).AddSeconds(60)
    while ((Test-Path $folder) -and (Get-Date) -lt $patience) { Start-Sleep -Milliseconds 200 }
    Assert-That (-not (Test-Path $folder)) "Left behind: $(Get-ChildItem $folder -Recurse -Name | Select-Object -First 20)"
    Assert-That (-not (Test-Path $menu)) 'Its entry in the Start menu was left behind.'
    foreach ($key in 'aiproxy-desktop.gguf', 'Applications\aiproxy-desktop.exe') {
        Assert-That (-not (Test-Path "HKCU:\Software\Classes\$key")) "Left behind in the registry: $key"
    }
    $path = [Environment]::GetEnvironmentVariable('Path', 'User')
    Assert-That (-not ("$path".Contains($folder))) 'Its folder was left behind in the search path.'
    Assert-That (Test-Path $data) 'The data of the person went with it.'
}
finally {
    Remove-Item $work -Recurse -Force -ErrorAction SilentlyContinue
}
