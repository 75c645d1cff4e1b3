export { heartbeatOf, statusMessage } from './beat.ts';
export { type BootEnd, type BootFacts, type BootState, isEnd, type Phase } from './facts.ts';
export { bootUp, type LifeCycleOptions } from './life-cycle.ts';
export { isRescued } from './marker.ts';
export { type BootContext, findServices, type MachinePorts, phasesOf, type ServerIdentity } from './phases/index.ts';
export { createSession, type Session } from './session.ts';
