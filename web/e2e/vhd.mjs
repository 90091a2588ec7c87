// Footers and files that a test makes itself.

import { truncateSync, writeFileSync } from "node:fs";

// The complement of the sum of all bytes, but for the checksum's own.
export function complement(bytes, at) {
  let sum = 0;
  for (const [place, byte] of bytes.entries()) if (place < at || place >= at + 4) sum += byte;
  return ~sum >>> 0;
}

// A footer of a fixed disk of `size` bytes, changed and then sealed.
export function sealed(size, change = () => {}) {
  const footer = Buffer.alloc(512);
  footer.write("conectix");
  footer.writeUInt32BE(2, 8);
  footer.writeUInt32BE(0x10000, 12);
  footer.fill(0xff, 16, 24);
  footer.writeBigUInt64BE(size, 40);
  footer.writeBigUInt64BE(size, 48);
  footer.writeUInt16BE(963, 56);
  footer[58] = 8;
  footer[59] = 17;
  footer.writeUInt32BE(2, 60);
  change(footer);
  footer.writeUInt32BE(complement(footer, 64), 64);
  return footer;
}

// A fixed disk of `size` bytes, all of it a hole of this machine's file system.
export function sparse(path, size) {
  writeFileSync(path, "");
  truncateSync(path, Number(size));
  writeFileSync(path, sealed(size), { flag: "a" });
  return path;
}
