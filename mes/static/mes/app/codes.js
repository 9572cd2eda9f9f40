// What a scanned code names on this machine's list: an operation (number/sequence), a work order or a sales order. Pure.

export function jobNamed(jobs, code) {
  const [number, sequence] = code.toUpperCase().split("/");
  const found = number ? jobs.filter((one) => one.no === number || one.order === number) : [];
  return (sequence ? found.find((one) => String(one.sequence) === sequence) : found[0]) ?? null;
}
