export function compilePattern(pattern: string): (resource: string) => boolean {
  return (resource) => resource === pattern;
}
