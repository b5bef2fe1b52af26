; The installer for Windows, for the person who runs it alone: it asks for no administrator and writes nothing that others
; see. `python -m shipping windows` fills in the marks and compiles it with Inno Setup 6 (jrsoftware.org/ishelp).

#define Application "@NAME@"
#define Program "@COMMAND@.exe"
; The same without a window of its own, for terminals: they look for .com before .exe, so `@COMMAND@ ask` is this one.
#define Console "@COMMAND@.com"
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
Source: "build\frozen\@COMMAND@\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs; Excludes: "\data,\@COMMAND@-console.exe"
Source: "build\frozen\@COMMAND@\@COMMAND@-console.exe"; DestDir: "{app}"; DestName: "{#Console}"; Flags: ignoreversion

[Icons]
Name: "{autoprograms}\{#Application}"; Filename: "{app}\{#Program}"; Comment: "@SUMMARY@"
Name: "{autodesktop}\{#Application}"; Filename: "{app}\{#Program}"; Tasks: desktopicon

[Registry]
; Offered, never taken: what opens such files by default stays as it is.
Root: HKA; Subkey: "Software\Classes\@COMMAND@.gguf"; ValueType: string; ValueData: "GGUF model"; Flags: uninsdeletekey; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\@COMMAND@.gguf\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" open ""%1"""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\.gguf"; Flags: uninsdeletekeyifempty; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueType: string; ValueName: "@COMMAND@.gguf"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty; Tasks: openwith
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

[Code]
const
  Environment = 'Environment';

{ The person's own search path, without our folder; the system's is not touched. }
function PathWithoutUs: String;
var
  Path: String;
  Ours: String;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, Environment, 'Path', Path) then
    Path := '';
  Ours := ExpandConstant('{app}');
  Path := ';' + Path + ';';
  StringChangeEx(Path, ';' + Ours + ';', ';', True);
  while (Length(Path) > 0) and (Path[1] = ';') do
    Delete(Path, 1, 1);
  while (Length(Path) > 0) and (Path[Length(Path)] = ';') do
    Delete(Path, Length(Path), 1);
  Result := Path;
end;

procedure SetPath(Path: String);
begin
  if Path = '' then
    RegDeleteValue(HKEY_CURRENT_USER, Environment, 'Path')
  else
    RegWriteExpandStringValue(HKEY_CURRENT_USER, Environment, 'Path', Path);
end;

procedure CurStepChanged(CurStep: TSetupStep);
var
  Path: String;
begin
  if (CurStep = ssPostInstall) and WizardIsTaskSelected('commandline') then
  begin
    Path := PathWithoutUs;
    if Path <> '' then
      Path := Path + ';';
    SetPath(Path + ExpandConstant('{app}'));
  end;
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
var
  Path: String;
begin
  if (CurUninstallStep = usPostUninstall) and RegQueryStringValue(HKEY_CURRENT_USER, Environment, 'Path', Path) then
    if Pos(ExpandConstant('{app}'), Path) > 0 then
      SetPath(PathWithoutUs);
end;
