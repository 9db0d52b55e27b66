import Foundation

/// A berth.
public struct Berth: Codable {
    let id: String
    var free = true
    /// Reserves it.
    func reserve(ship: Ship, until: Date) throws -> Booking {
        return Booking(ship)
    }
    init(id: String) { self.id = id }
    subscript(i: Int) -> Int { return i }
}
protocol Port { func berths() -> [Berth]
 var name: String { get } }
enum Tide { case high, low
 case other(Int) }
extension Berth: Port { func berths() -> [Berth] { [] } }
class Registry<T>: Base { deinit {} }
typealias Ids = [String]
func second<T>(_ list: [T]) -> T { list[1] }
let limit = 3
actor Pool {}
