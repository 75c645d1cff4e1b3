export type IniValue = string | number | boolean;
export type IniSections = Readonly<Record<string, Readonly<Record<string, IniValue>>>>;

/** A configuration file as oslo.config reads it. */
export function iniText(sections: IniSections): string {
  return Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
      return [`[${name}]`, ...lines, ''].join('\n');
    })
    .join('\n');
}
