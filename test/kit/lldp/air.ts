import { reasonOf } from '../../../src/core/index.ts';
import { lldpFrame, type Tool, type ToolOutput, type Tools } from '../../../src/system/index.ts';
import type { FakeClock } from '../fake-clock.ts';
import { captureOf, frameOf } from './frames.ts';

/** What a NIC hears: a data unit in hex after some seconds, nothing ever, or it cannot be listened on. */
export type Sound = { readonly afterS: number; readonly unit: string } | 'silence' | 'down';

export interface Air extends Tools {
  /** NICs that were listened on, in order; how each of them ended follows its colon. */
  readonly log: readonly string[];
}

const isCapture = (tool: Tool<never, unknown>) => tool.bin === lldpFrame.bin;

/** Plays tcpdump on the fake clock; other programs go to `others`. */
export function airOf(sounds: Readonly<Record<string, Sound>>, clock: FakeClock, others: Tools): Air {
  const log: string[] = [];
  const listen = async (nic: string, signal?: AbortSignal): Promise<ToolOutput> => {
    log.push(nic);
    const sound = sounds[nic] ?? 'down';
    const said = { exitCode: 0, stdout: '', stderr: '', bytes: new Uint8Array() };
    if (sound === 'down') return { ...said, exitCode: 1, stderr: `tcpdump: ${nic}: That device is not up\n` };
    try {
      await clock.sleep(sound === 'silence' ? 1e9 : sound.afterS * 1000, signal);
    } catch (error) {
      log.push(`${nic}: ${reasonOf(error)}`);
      throw error;
    }
    return sound === 'silence' ? said : { ...said, bytes: captureOf(frameOf(sound.unit)) };
  };
  return {
    log,
    async run<I, O>(tool: Tool<I, O>, input: I, signal?: AbortSignal): Promise<O> {
      if (!isCapture(tool)) return others.run(tool, input, signal);
      const nic = tool.argv(input)[2] ?? '';
      return tool.parse(await listen(nic, signal), input);
    },
  };
}
