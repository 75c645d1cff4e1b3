export { type Attributes, type Tree, withTree } from './tree.ts';
