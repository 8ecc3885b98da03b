package store

import "testing"

// An album's record is named by its chat and the album, and stayed with the old
// group because the name has two parts. Without its case in FollowGroup that row is
// red; moving what is about one message turns the last ones red.
func TestWhatAMovingGroupDoesToRecords(t *testing.T) {
	for _, test := range []struct {
		kind                   Kind
		name, value, now, kept string
	}{
		{BoardRecord, "-9", "{}", "-1009", "{}"},
		{MemberRecord, "7", "-9", "7", "-1009"},
		{QuestionRecord, "-9/3/7", "q", "-1009/3/7", "q"},
		{QuestionRecord, "-9/0/-9", "q", "-1009/0/-1009", "q"},
		{AlbumRecord, "-9/-9", "", "-1009/-9", ""},
		{AlbumRecord, "-10/a", "", "-10/a", ""},
		{SentRecord, "board/-9", "17", "board/-9", "17"},
		{OfferRecord, "-9/17", "-9", "-9/17", "-9"},
		{MovedRecord, MovedName(-9), "-9", MovedName(-9), "-9"},
	} {
		if name, value := FollowGroup(test.kind, test.name, test.value, -9, -1009); name != test.now || value != test.kept {
			t.Errorf("%s %s = %q became %s = %q, want %s = %q", test.kind, test.name, test.value, name, value, test.now, test.kept)
		}
	}
}
