export * from './declarations.ts';
export * from './markdown.ts';
export * from './reference.ts';
