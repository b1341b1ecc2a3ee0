// Azurite, with one mend. Its store rebuilds every index of a collection whenever "all documents that match" are removed, also when none does, and each request
// to a queue asks for the removal of expired messages: with thousands of messages waiting, that took most of its time. Here few documents are removed one by one,
// which keeps the indexes as they are; what is stored and answered is the same.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Loki = require("lokijs");
const collection = Object.getPrototypeOf(new Loki("").addCollection("any"));
const removeMany = collection.removeBatchByPositions;
const few = 16;

collection.removeBatchByPositions = function (positions) {
  if (positions.length > few) return removeMany.call(this, positions);
  for (const document of positions.map((position) => this.data[position])) this.remove(document);
};

require("azurite/dist/src/azurite.js");
