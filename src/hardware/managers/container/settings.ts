/** `[container]` of the configuration, as operator and conductor have set it (protocol.md 2.3, 4.4). */
export interface ContainerSettings {
  readonly runner: 'podman' | 'docker';
  readonly allowArbitrary: boolean;
  readonly allowed: readonly string[];
  /** As they were listed; one item may hold several words. */
  readonly pullOptions: readonly string[];
  readonly runOptions: readonly string[];
  readonly stepsFile: string;
  /** Only images that are named by the digest of their content. */
  readonly requireDigest: boolean;
  readonly pullTimeoutMs: number;
  readonly runTimeoutMs: number;
}

/** Options as a step gives them: text, a list of texts, or nothing at all. */
export type GivenOptions = string | readonly string[] | null | undefined;

/** A container as a step wants it. */
export interface WantedContainer {
  readonly image: string;
  readonly pullOptions?: GivenOptions;
  readonly runOptions?: GivenOptions;
}

/** What will be run, every argument one item. */
export interface ContainerOrder {
  readonly image: string;
  readonly pullOptions: readonly string[];
  readonly runOptions: readonly string[];
}
