import type { Log } from '../../src/core/index.ts';
import type { Timeline } from '../timeline/index.ts';
import { next } from './machine.ts';
import type { Action, Event, Policy, Situation } from './states.ts';

interface WorkerPorts {
  readonly situation: () => Situation;
  readonly save: (situation: Situation) => void;
  readonly perform: (action: Action) => Promise<Event | null>;
  readonly policy: Policy;
  readonly timeline: Timeline;
  readonly log: Log;
}

/** The one hand on a node: while it works the node is locked, as in Ironic. */
export interface Worker {
  locked(): boolean;
  /** False when the node is locked: the event is dropped and not kept, exactly like a heartbeat in Ironic. */
  handle(event: Event): boolean;
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>;
}

const TITLES: Readonly<Record<string, string>> = {
  write_image: 'Write the image to disk',
  prepare_instance_boot: 'Make the disk bootable',
  tear_down_agent: 'Collect logs and power off',
  boot_instance: 'Power on from the disk',
};

/** The stage a viewer sees in this situation; null where nothing is in hand. */
export function stageOf(now: Situation): { readonly id: string; readonly title: string } | null {
  if (now.provision === 'inspect wait') return { id: 'inspect', title: 'Boot the ramdisk and inspect' };
  const clean = now.provision === 'clean wait' || now.provision === 'cleaning';
  if (!clean && now.provision !== 'wait call-back' && now.provision !== 'deploying') return null;
  const kind = clean ? 'clean' : 'deploy';
  if (now.current !== null) {
    const { step } = now.current;
    return { id: `${kind}-${step}`, title: TITLES[step] ?? `${clean ? 'Clean' : 'Deploy'}: ${step}` };
  }
  if (now.provision === 'cleaning' || now.provision === 'deploying')
    return { id: `${kind}-steps`, title: `Ask the running agent for its ${kind} steps` };
  return { id: `${kind}-boot`, title: `Boot the ramdisk for ${clean ? 'cleaning' : 'deployment'}` };
}

function show(now: Situation, timeline: Timeline): void {
  const stage = stageOf(now);
  if (stage !== null) timeline.stage(stage.id, stage.title);
  else if (now.error !== null) timeline.fail(now.error);
  else timeline.end();
}

export function createWorker(ports: WorkerPorts): Worker {
  const lock: { held: Promise<void> | null } = { held: null };

  /** One event: the new situation is stored before its actions start. */
  const step = async (event: Event): Promise<readonly Event[]> => {
    const decision = next(ports.situation(), event, ports.policy);
    ports.save(decision.next);
    show(decision.next, ports.timeline);
    ports.log.debug('conductor.step', { cause: event.type, provision: decision.next.provision });
    const led: Event[] = [];
    for (const action of decision.actions) {
      const event = await ports.perform(action);
      if (event !== null) led.push(event);
      if (event?.type === 'failed') break;
    }
    return led;
  };

  const work = async (first: Event) => {
    const queue: Event[] = [first];
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) queue.push(...(await step(event)));
  };

  return {
    locked: () => lock.held !== null,
    handle: (event) => {
      if (lock.held !== null) return false;
      lock.held = work(event)
        .catch((error: unknown) => ports.log.error('conductor.worker.stopped', { reason: String(error) }))
        .finally(() => {
          lock.held = null;
        });
      return true;
    },
    idle: async () => lock.held ?? undefined,
  };
}
