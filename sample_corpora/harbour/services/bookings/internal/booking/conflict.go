package booking

import (
	"fmt"
	"sort"
	"time"
)

// ErrBerthTaken is returned when a berth is already occupied in the window. It
// carries windows that would have worked.
type ErrBerthTaken struct {
	BerthID      string
	Alternatives []Window
}

func (e *ErrBerthTaken) Error() string {
	return fmt.Sprintf("booking: berth %s is taken, %d alternatives", e.BerthID, len(e.Alternatives))
}

const (
	maxAlternatives = 3
	// searchAround is how far from the wanted start alternatives may lie.
	searchAround = 72 * time.Hour
	// step rounds suggestions, so that they look like what a planner would say.
	step = 15 * time.Minute
)

// Alternatives returns up to three windows as long as the wanted one, nearest
// first, in which none of the taken windows is in the way. Earlier wins a tie,
// because ships would rather slow down less than wait.
func Alternatives(wanted Window, taken []Window, now time.Time) []Window {
	length := wanted.Duration()

	busy := make([]Window, 0, len(taken))
	for _, t := range taken {
		// Padding both sides of both calls is the same as padding one of them
		// twice, which lets the gaps below be compared without padding.
		busy = append(busy, Window{t.Start.Add(-2 * MooringBuffer), t.End.Add(2 * MooringBuffer)})
	}
	sort.Slice(busy, func(i, j int) bool { return busy[i].Start.Before(busy[j].Start) })

	var candidates []time.Time
	for _, b := range busy {
		candidates = append(candidates, b.Start.Add(-length).Truncate(step))
		candidates = append(candidates, ceil(b.End, step))
	}

	var found []Window
	for _, start := range candidates {
		w := Window{start, start.Add(length)}
		if start.Before(now) || distance(start, wanted.Start) > searchAround {
			continue
		}
		if free(w, busy) && !contains(found, w) {
			found = append(found, w)
		}
	}
	sort.SliceStable(found, func(i, j int) bool {
		di, dj := distance(found[i].Start, wanted.Start), distance(found[j].Start, wanted.Start)
		if di != dj {
			return di < dj
		}
		return found[i].Start.Before(found[j].Start)
	})
	if len(found) > maxAlternatives {
		found = found[:maxAlternatives]
	}
	return found
}

func free(w Window, busy []Window) bool {
	for _, b := range busy {
		if w.Overlaps(b) {
			return false
		}
	}
	return true
}

func contains(list []Window, w Window) bool {
	for _, l := range list {
		if l.Start.Equal(w.Start) {
			return true
		}
	}
	return false
}

func distance(a, b time.Time) time.Duration {
	if d := a.Sub(b); d > 0 {
		return d
	}
	return b.Sub(a)
}

func ceil(t time.Time, d time.Duration) time.Time {
	down := t.Truncate(d)
	if down.Equal(t) {
		return t
	}
	return down.Add(d)
}
