export { fullSync, powerOff, reboot, setLinksDown } from './power.ts';
