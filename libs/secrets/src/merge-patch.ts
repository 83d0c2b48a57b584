/** RFC 7396 on an object of strings: `null` removes a member, a string sets it, the others stay. */
export function mergePatch(
  target: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = new Map<string, string | null>([...Object.entries(target), ...Object.entries(patch)]);
  return Object.fromEntries([...merged].filter((member): member is [string, string] => member[1] !== null));
}
