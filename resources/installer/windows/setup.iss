; The installer for Windows, for the person who runs it alone: it asks for no administrator and writes nothing that others
; see. `python -m shipping windows` fills in the marks and compiles it with Inno Setup 6 (jrsoftware.org/ishelp).

#define Application "@NAME@"
#define Program "@COMMAND@.exe"
#define Console "@COMMAND@-console.exe"
#define Version "@VERSION@"

[Setup]
; The identifier never changes: by it a newer version finds the older one.
AppId={{@WINDOWS_ID@}
AppName={#Application}
AppVersion={#Version}
AppVerName={#Application} {#Version}
AppPublisher=@PUBLISHER@
AppPublisherURL=@REPOSITORY@
AppSupportURL=@REPOSITORY@/issues
AppUpdatesURL=@REPOSITORY@/releases
AppCopyright=© @YEAR@ @PUBLISHER@. MIT License.
AppComments=@SUMMARY@
VersionInfoVersion=@VERSION_NUMBERS@
VersionInfoProductTextVersion={#Version}

; {autopf} is the folder of this person's own programs then.
PrivilegesRequired=lowest
DefaultDirName={autopf}\{#Application}
UsePreviousAppDir=yes
DisableProgramGroupPage=yes
DisableDirPage=auto
DisableWelcomePage=no
; What Qt 6.11 runs on: Windows 10 1809 with 64 bits (doc.qt.io/qt-6/windows.html).
MinVersion=10.0.17763
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible

; A running window is asked to close and ends as if it was closed by hand: what is being written is kept.
CloseApplications=yes
RestartApplications=no
ChangesAssociations=yes
ChangesEnvironment=yes

SourceDir=@TOP@
OutputDir=dist
OutputBaseFilename=@COMMAND@-{#Version}-windows-x86_64-setup
SetupIconFile=build\icons\@COMMAND@.ico
UninstallDisplayIcon={app}\{#Program}
UninstallDisplayName={#Application}
WizardStyle=modern
Compression=lzma2/max
SolidCompression=yes
; The same files give the same installer.
TimeStampsInUTC=yes
TimeStampRounding=2
#ifdef Sign
SignTool={#Sign}
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"
Name: "es"; MessagesFile: "compiler:Languages\Spanish.isl"
Name: "fr"; MessagesFile: "compiler:Languages\French.isl"
Name: "it"; MessagesFile: "compiler:Languages\Italian.isl"
Name: "ja"; MessagesFile: "compiler:Languages\Japanese.isl"
Name: "nl"; MessagesFile: "compiler:Languages\Dutch.isl"
Name: "pl"; MessagesFile: "compiler:Languages\Polish.isl"
Name: "pt"; MessagesFile: "compiler:Languages\BrazilianPortuguese.isl"
Name: "uk"; MessagesFile: "compiler:Languages\Ukrainian.isl"

[CustomMessages]
en.OpensModels=Offer it for GGUF model files and for pictures, under "Open with"
en.CommandLine=Let the command @COMMAND@ be found in terminals

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "openwith"; Description: "{cm:OpensModels}"
Name: "commandline"; Description: "{cm:CommandLine}"; Flags: unchecked

[InstallDelete]
; What an older version had and this one has not must not be found by it. A folder `data` beside it is the person's.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "build\frozen\@COMMAND@\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs; Excludes: "\data"

[Icons]
Name: "{autoprograms}\{#Application}"; Filename: "{app}\{#Program}"; Comment: "@SUMMARY@"; AppUserModelID: "@BUNDLE_ID@"
Name: "{autodesktop}\{#Application}"; Filename: "{app}\{#Program}"; AppUserModelID: "@BUNDLE_ID@"; Tasks: desktopicon

[Registry]
; Offered, never taken: what opens such files by default stays as it is.
Root: HKA; Subkey: "Software\Classes\@COMMAND@.gguf"; ValueType: string; ValueData: "GGUF model"; Flags: uninsdeletekey; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\@COMMAND@.gguf\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" open ""%1"""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueType: string; ValueName: "@COMMAND@.gguf"; ValueData: ""; Flags: uninsdeletevalue; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "{#Application}"; Flags: uninsdeletekey; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" open ""%1"""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".gguf"; ValueData: ""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".png"; ValueData: ""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".jpg"; ValueData: ""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".jpeg"; ValueData: ""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".webp"; ValueData: ""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".gif"; ValueData: ""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".bmp"; ValueData: ""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".tiff"; ValueData: ""; Tasks: openwith

[Run]
Filename: "{app}\{#Program}"; Description: "{cm:LaunchProgram,{#Application}}"; Flags: nowait postinstall skipifsilent

[UninstallDelete]
; What Python may have left beside its modules. Data, keys and a folder `data` are the person's and stay.
Type: filesandordirs; Name: "{app}\_internal"
Type: dirifempty; Name: "{app}"
