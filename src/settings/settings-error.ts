/** One variable that cannot be used. There is no member for what it holds: that may be a secret. */
export interface BadSetting {
  readonly name: string;
  readonly expected: string;
}

/** The environment cannot be used: names every bad variable and what it should hold, never what it does hold. */
export class SettingsError extends Error {
  constructor(readonly settings: readonly BadSetting[]) {
    const lines = settings.map(({ name, expected }) => `  ${name}: expected ${expected}`);
    super(['The environment cannot be used:', ...lines].join('\n'));
    this.name = 'SettingsError';
  }
}
