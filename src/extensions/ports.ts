import type { ArgInfo, Node, Run, Secrets, Step, StepKind } from '../core/index.ts';
import type { ContainerSettings, HardwarePorts } from '../hardware/index.ts';
import type { BootloaderPorts, ImageSettings } from '../image/index.ts';

/** Everything commands and steps may use. Built once by `main.ts`. */
export interface AgentPorts {
  readonly hardware: HardwarePorts;
  readonly image: BootloaderPorts;
  readonly settings: AgentSettings;
  /** Masked in everything that leaves the agent. */
  readonly secrets: Secrets;
  readonly node: NodeRecord;
  readonly written: WrittenRecord;
  readonly outputs: OutputRecord;
  readonly catalogue: StepCatalogue<AgentPorts>;
  readonly control: Control;
  /** What the agent knows of itself, for the log archive; secrets are masked by the archive. */
  readonly diagnostics: () => readonly { readonly name: string; readonly text: string }[];
}

export interface AgentSettings {
  readonly image: ImageSettings;
  /** Choose the default root disk exactly as the reference does. */
  readonly rootDiskParity: boolean;
  /** Refuse to erase disks that carry a cluster file system (steps.md 3.5). */
  readonly guardSpecialFilesystems: boolean;
  /** How long a disk may stay busy before it is written to: pause between tries, and tries. */
  readonly busyDisk: { readonly waitMs: number; readonly retries: number };
  /** Of `image.install_bootloader` when the call itself does not say. */
  readonly ignoreBootloaderFailure: boolean;
  /** Programs of a written image may be run to make it bootable. */
  readonly biosBootloaderInstall: boolean;
  /** The operator does not want bootable containers. */
  readonly bootcDisabled: boolean;
  readonly containers: ContainerSettings;
  readonly bootif: string | null;
  readonly skipBmc: boolean;
  /** Time server asked before power-off; null means: none. */
  readonly ntpServer: string | null;
  readonly maxJournalBytes: number;
  /** Log files and folders that the operator configured; they become part of the collected logs. */
  readonly logPaths: readonly string[];
}

/** The cached node object (steps.md 1.6). */
export interface NodeRecord {
  current(): Node | null;
  /** Stores the node of a request; for a new node also waits, bounded, for its root disk. */
  adopt(node: Node, signal: AbortSignal): Promise<void>;
  /** Asks the conductor once more; on failure the cached node is returned and the failure logged. */
  refresh(signal: AbortSignal): Promise<Node | null>;
}

/** What the last `prepare_image` left on which disk (imaging.md 1.7). */
export interface WrittenImage {
  /** Device path, e.g. `/dev/sda`. */
  readonly disk: string;
  /** Answer of `standby.get_partition_uuids`, keys with spaces; `partitions` holds devices by role. */
  readonly uuids: Readonly<Record<string, string | null | Readonly<Record<string, string>>>>;
}

export interface WrittenRecord {
  current(): WrittenImage | null;
  remember(written: WrittenImage | null): void;
}

/** What programs of the operator printed while a step ran; the newest become part of the log archive. */
export interface OutputRecord {
  keep(output: StepOutput): void;
  /** Oldest first. */
  all(): readonly StepOutput[];
}

export interface StepOutput {
  readonly step: string;
  /** Container image. */
  readonly image: string;
  readonly text: string;
}

/** Acts on the agent itself. */
export interface Control {
  /** Stops API and heartbeats and takes all links down, after the answer of this command is out. */
  lockdown(): void;
  /** Stops API and heartbeats after the answer of this command is out; links stay up for the tenant. */
  rescued(): void;
}

/** One step as `get_*_steps` lists it (steps.md 1.2). */
export interface WireStep {
  readonly step: string;
  readonly interface: string;
  readonly priority: number;
  readonly reboot_requested: boolean;
  readonly abortable?: boolean;
  readonly argsinfo?: Readonly<Record<string, ArgInfo>>;
}

export interface StepCatalogue<P> {
  /** Manager class name -> its steps, each step name once. Throws what a manager says of steps it cannot read. */
  steps(kind: StepKind, run: Run<P>): Promise<Readonly<Record<string, readonly WireStep[]>>>;
  versions(): Readonly<Record<string, string>>;
  /** @throws VersionMismatch unless `expected` is null, absent or the very same map */
  assertVersions(expected: unknown): void;
  /** The step that would be tried first. */
  find(kind: StepKind, name: string, run: Run<P>): Promise<Step<P> | undefined>;
  /** @throws HardwareManagerMethodNotFound, and what the step throws */
  run(kind: StepKind, name: string, args: unknown, run: Run<P>): Promise<unknown>;
}
