package example.ships

import java.time.Instant

/** A berth that ships lie at. */
data class Berth(val id: String, val length: Int) {
    val free: Boolean = true
    /** Reserves it. */
    fun reserve(ship: Ship, until: Instant): Booking {
        fun inner() = 1
        return Booking(ship)
    }
    companion object {
        const val LONGEST = 400
        fun of(id: String) = Berth(id, 0)
    }
}

interface Port { fun berths(): List<Berth> }
enum class Tide { HIGH, LOW }
object Registry { fun find(id: String): Berth? = null }
typealias Ids = List<String>
fun <T> List<T>.second(): T = this[1]
private val limit = 3
