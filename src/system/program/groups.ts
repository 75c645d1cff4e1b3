/** Process groups of programs that run now. */
export interface Groups {
  add(leader: number): void;
  remove(leader: number): void;
}

/** Signals a program and all it started, unless that made a group or session of its own. Never fails. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // All of them have ended.
  }
}

/** A group of its own does not hear what ends the agent: at its end they are told. */
export function createGroups(): Groups {
  const leaders = new Set<number>();
  let armed = false;
  const endAll = () => {
    for (const leader of leaders) signalGroup(leader, 'SIGTERM');
  };
  return {
    add: (leader) => {
      leaders.add(leader);
      if (!armed) process.once('exit', endAll);
      armed = true;
    },
    remove: (leader) => {
      leaders.delete(leader);
    },
  };
}
