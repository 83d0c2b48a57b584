const TEXTS = {
  unreadable: 'the settings file can not be read',
  malformed: 'the settings file is not valid YAML',
  unknown_key: 'there is no such setting',
  missing_key: 'a setting is missing',
  invalid_value: 'a setting has a value that it can not have',
} as const;

/** What is wrong with the settings. */
export type SettingsCode = keyof typeof TEXTS;

/** Settings that can not be used. `hint` names the setting and what it takes, never the value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code: SettingsCode;
  readonly hint: string;

  constructor(code: SettingsCode, hint: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}
