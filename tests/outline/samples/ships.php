<?php
namespace Example\Ships;

use Other\Thing;

const LIMIT = 3;
/** A berth. */
final class Berth extends Base implements Port
{
    public const MAX = 4;
    private string $id = '';
    use Loggable;
    /**
     * Reserves it.
     */
    public function reserve(Ship $ship): Booking
    {
        return new Booking($ship);
    }
}
interface Port { public function berths(): array; }
trait Loggable { function log() {} }
enum Tide: string { case High = 'h'; case Low = 'l'; }
function helper(int $a, $b = 1) { return $a; }
