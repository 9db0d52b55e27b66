// Berths and their ships.
import { Ship } from "./ship.js";

const LIMIT = 3, OTHER = 4;

/** Reserves a berth. */
export async function reserve(berth, ship = null) {
  function inner() {}
  const local = 1;
  return new Booking(berth);
}

export const release = (berth) => {
  berth.free = true;
};

export default class Berth extends Base {
  static count = 0;
  #secret = 1;
  onChange = () => {
    this.free = false;
  };

  // Says whether it is free.
  get free() {
    return this.#secret;
  }
}

Berth.prototype.moor = function (ship) {
  return ship;
};

(function ($) {
  var hidden = 1;
  function wired() {}
})(jQuery);

module.exports = { reserve };
