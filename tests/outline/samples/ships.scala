package example.ships

/** A berth. */
case class Berth(id: String, length: Int) extends Thing {
  val free = true
  def reserve(ship: Ship): Booking = { Booking(ship) }
}
object Berth { def of(id: String) = Berth(id, 0) 
 val X = 1 }
trait Port { def berths: List[Berth]
 type T }
enum Tide { case High, Low }
given ordering: Ordering[Berth] = ???
extension (b: Berth) def big: Boolean = b.length > 200
type Ids = List[String]
package object util { val y = 1 }
