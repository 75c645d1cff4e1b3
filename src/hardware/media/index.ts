export { type Candidate, chooseMedium, isOffered, type MediumChoice } from './choose.ts';
export { releaseConfigMount } from './mounted.ts';
export {
  type MediumConfiguration,
  type MediumParameters,
  placeConfiguration,
  readMediumConfiguration,
  takeParameters,
} from './take.ts';
