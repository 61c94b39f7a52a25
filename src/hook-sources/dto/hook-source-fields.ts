/** The fixed values of a hook source (contract, section 10). */
export const HOOK_SOURCE_TYPE = 'application/astra-hookSource';
export const HOOK_SOURCES_TYPE = 'application/astra-hookSources';
export const HOOK_SOURCE_VERSIONS = ['1.0'] as const;
export const SOURCE_TYPES = ['script'] as const;

export type HookSourceVersion = (typeof HOOK_SOURCE_VERSIONS)[number];
export type SourceType = (typeof SOURCE_TYPES)[number];

/** The longest `source`, in characters of base64. */
export const MAX_SOURCE_LENGTH = 131_072;
