import { isDeepStrictEqual } from 'node:util';

interface Flight<T> {
  readonly name: string;
  readonly params: unknown;
  readonly answer: Promise<T>;
}

/**
 * A conductor that got no answer within its time limit sends a synchronous command again, up to three times
 * (protocol.md 8.1). The same request shares the one answer instead of doing the work again.
 */
export function createJoining<T>(onJoin: (name: string) => void = () => undefined) {
  const flights = new Set<Flight<T>>();
  return (name: string, params: unknown, start: () => Promise<T>): Promise<T> => {
    const same = [...flights].find((f) => f.name === name && isDeepStrictEqual(f.params, params));
    if (same !== undefined) {
      onJoin(name);
      return same.answer;
    }
    const flight = { name, params, answer: start() };
    flights.add(flight);
    const land = () => void flights.delete(flight);
    flight.answer.then(land, land);
    return flight.answer;
  };
}
