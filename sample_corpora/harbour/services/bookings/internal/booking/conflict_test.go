package booking

import (
	"testing"
	"time"
)

func at(hour, minute int) time.Time {
	return time.Date(2025, 3, 18, hour, minute, 0, 0, time.UTC)
}

func window(h1, m1, h2, m2 int) Window { return Window{at(h1, m1), at(h2, m2)} }

func TestAlternativesLeaveNinetyMinutesBetweenCalls(t *testing.T) {
	taken := []Window{window(12, 0, 16, 0)}
	got := Alternatives(window(13, 0, 15, 0), taken, at(6, 0))
	if len(got) != 2 {
		t.Fatalf("got %d alternatives, want 2", len(got))
	}
	if !got[0].Start.Equal(at(8, 30)) && !got[0].Start.Equal(at(17, 30)) {
		t.Errorf("unexpected first alternative %v", got[0])
	}
	for _, w := range got {
		if w.Padded().Overlaps(taken[0].Padded()) {
			t.Errorf("%v is too close to the call before or after it", w)
		}
	}
}

func TestAlternativesNearestFirst(t *testing.T) {
	taken := []Window{window(8, 0, 10, 0), window(12, 0, 20, 0)}
	got := Alternatives(window(13, 0, 14, 0), taken, at(0, 0))
	for i := 1; i < len(got); i++ {
		if distance(got[i-1].Start, at(13, 0)) > distance(got[i].Start, at(13, 0)) {
			t.Fatalf("not sorted by distance: %v", got)
		}
	}
}

func TestAlternativesAreNeverInThePast(t *testing.T) {
	taken := []Window{window(12, 0, 16, 0)}
	got := Alternatives(window(13, 0, 15, 0), taken, at(9, 0))
	if len(got) != 1 || !got[0].Start.Equal(at(17, 30)) {
		t.Fatalf("got %v, want only 17:30", got)
	}
}

func TestTouchingWindowsOverlapOncePadded(t *testing.T) {
	a, b := window(8, 0, 10, 0), window(10, 0, 12, 0)
	if a.Overlaps(b) {
		t.Error("half-open windows that touch do not overlap")
	}
	if !a.Padded().Overlaps(b.Padded()) {
		t.Error("the mooring buffer must keep them apart")
	}
}

func TestCheckFit(t *testing.T) {
	berth := Berth{LengthCm: 24000, DepthCm: 1100}
	cases := []struct {
		name     string
		loa, dra int
		ok       bool
	}{
		{"fits", 22500, 980, true},
		{"one centimetre too long", 22501, 980, false},
		{"one centimetre too deep", 22500, 981, false},
	}
	for _, c := range cases {
		err := CheckFit(berth, Vessel{LOACm: c.loa, DraughtCm: c.dra})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
