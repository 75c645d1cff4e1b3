export { createDoctor, type Doctor, type DoctorOptions } from './doctor.ts';
export { diagnoseAll } from './targets.ts';
export { type Trouble, type Verdict, verdictOf } from './verdict.ts';
