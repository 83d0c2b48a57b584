export { SettingsError, type SettingsCode } from './errors.ts';
export { loadSettings, type Environment, type ListenerSettings, type Settings } from './load-settings.ts';
