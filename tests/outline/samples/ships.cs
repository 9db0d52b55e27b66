using System;
namespace Example.Ships;

/// <summary>A berth.</summary>
[Serializable]
public sealed class Berth : Base, IPort
{
    private const int Max = 4;
    public string Id { get; init; }
    public event EventHandler Freed;
    public Berth(string id) { Id = id; }
    /// <summary>
    /// Reserves it.
    /// </summary>
    public async Task<Booking> Reserve(Ship ship, DateTime until)
    {
        int Local() => 1;
        return new Booking(ship);
    }
    public static Berth operator +(Berth a, Berth b) => a;
    public int this[int i] => i;
}
public interface IPort { IEnumerable<Berth> Berths(); }
public record Point(int X, int Y);
enum Tide { High, Low }
struct S { int x; }
delegate void Done(int code);
