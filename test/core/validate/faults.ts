/** Records a fault if a condition does not hold. */
export type Faults = (isWell: boolean, fault: () => string) => void;

/** The first slot and page in use. Tests of full stores begin near the end. */
export interface Start {
  order: number;
  page: number;
  /** Client ids that are counted as freed but do not exist. */
  freeClientIds: number;
}

export const START: Start = { order: 1, page: 1, freeClientIds: 0 };

/** The members of a singly linked list, each once. A cycle is a fault. */
export function collectList(
  name: string,
  first: number,
  next: (member: number) => number,
  report: Faults,
): Set<number> {
  const members = new Set<number>();
  for (let member = first; member !== 0; member = next(member)) {
    report(!members.has(member), () => `${name}: ${member} twice`);
    if (members.has(member)) break;
    members.add(member);
  }
  return members;
}
