export { InvalidOption } from './errors.ts';
export { bySection, iniValue, renderConfig, renderHelp } from './faces/index.ts';
export { textOf } from './kinds/index.ts';
export { type AnyOption, type ConfigFacts, defineOption, keyOf, negatedFlag } from './option.ts';
export {
  type Config,
  isOptionKey,
  type OptionGroup,
  type OptionKey,
  optionGroups,
  optionList,
  options,
} from './options/index.ts';
export { withOverrides } from './overrides.ts';
export { type Inputs, type Override, resolveConfig } from './resolve.ts';
export type { Resolved } from './resolved.ts';
export {
  bootParameters,
  type CommandLine,
  type ConfigFile,
  type ConfigPath,
  type Face,
  type FlagSetting,
  type FloppyParameters,
  isOldKernelOrigin,
  type KernelParameters,
  normalizeBootif,
  parseCommandLine,
  parseKernelLine,
  toleratedParameters,
  variableOf,
  type Word,
} from './sources/index.ts';
