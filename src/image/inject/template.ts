import { redact } from '../../core/index.ts';

/** What a template may name: the node and its ports, as the conductor sent them. */
export interface TemplateFacts {
  readonly node: unknown;
  readonly ports: unknown;
}

export interface Filled {
  readonly text: string;
  /** What is wrong with the template; then `text` is of no use. */
  readonly problems: readonly string[];
}

type Answer = { readonly text: string } | { readonly problem: string };

/** What `redact` leaves of secrets and of bulk. */
const HIDDEN = /\*{6}|^<\.\.\.>$/;
const FIELD = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const PATH = /^(node|ports)((?:\[[^[\]]+\])*)$/;

/** One step into a value: a key of an object, a number in a list. Only own keys, so nothing of JavaScript shows. */
function inside(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

/** As Python writes it; null for what is no plain value. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? 'None' : null;
}

function fieldOf(field: string, facts: TemplateFacts): Answer {
  const parts = PATH.exec(field);
  if (parts === null) return { problem: `{${field}} is not of the form {node[key]} or {ports[0][key]}` };
  const keys = [...(parts[2] ?? '').matchAll(/\[([^[\]]+)\]/g)].map(([, key = '']) => key);
  const found = keys.reduce(inside, parts[1] === 'node' ? facts.node : facts.ports);
  if (found === undefined) return { problem: `{${field}} does not exist` };
  const text = textOf(found);
  if (text === null) return { problem: `{${field}} is not a plain value` };
  return HIDDEN.test(text) ? { problem: `{${field}} is secret or bulky` } : { text };
}

/**
 * Makes a function that fills in `{node[uuid]}` and `{ports[0][address]}` as Python's `format` does; `{{` is a brace.
 * Passwords, tokens and the like cannot be named: an address ends up in the logs of servers.
 */
export function createTemplates(given: TemplateFacts): (template: string) => Filled {
  const facts = { node: redact(given.node), ports: redact(given.ports) };
  return (template) => {
    const problems: string[] = [];
    const text = template.replace(FIELD, (whole, field?: string) => {
      if (whole === '{{' || whole === '}}') return whole.slice(1);
      const answer = field === undefined ? { problem: `there is a single ${whole}` } : fieldOf(field, facts);
      if ('text' in answer) return answer.text;
      problems.push(answer.problem);
      return '';
    });
    return { text, problems };
  };
}
