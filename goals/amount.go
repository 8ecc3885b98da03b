package goals

import (
	"regexp"
	"strconv"
	"strings"
)

// Amount is a decimal number in thousandths, so that sums are exact.
type Amount int64

// one is the Amount of 1.
const one Amount = 1000

// MaxAmount is the largest amount that may be said, and the largest that a count may
// come to.
const MaxAmount = 1_000_000_000 * one

var (
	amountForm = regexp.MustCompile(`^([+-]?)0*([0-9]+)(?:([.,])([0-9]+))?$`)
	// groupForm matches a number that one country reads as thousands, and another one
	// as thousandths.
	groupForm = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$`)
)

// ParseAmount reads a number with at most three decimals behind a point or a comma.
// What is no number is refused as [NoAmount], 1,000 as [UnclearAmount], more decimals
// as [LongAmount], and what is beyond [MaxAmount] as [LargeAmount].
func ParseAmount(text string) (Amount, error) {
	a, err := readAmount(text)
	if err == nil && (a > MaxAmount || a < -MaxAmount) {
		return 0, tooLarge
	}
	return a, err
}

var tooLarge = Refusal{Kind: LargeAmount, Limit: int(MaxAmount / one)}

// readAmount is ParseAmount with room for sums.
func readAmount(text string) (Amount, error) {
	folded := Fold(text)
	m := amountForm.FindStringSubmatch(folded)
	if m == nil {
		return 0, Refusal{Kind: NoAmount}
	}
	if groupForm.MatchString(folded) {
		return 0, Refusal{Kind: UnclearAmount}
	}
	decimals := strings.TrimRight(m[4], "0")
	if len(decimals) > 3 {
		return 0, Refusal{Kind: LongAmount, Has: len(decimals), Limit: 3}
	}
	n, err := strconv.ParseInt(m[1]+m[2]+(decimals + "000")[:3], 10, 64)
	if err != nil {
		return 0, tooLarge
	}
	return Amount(n), nil
}

// Whole is the amount of a whole number.
func Whole(n int64) Amount { return Amount(n) * one }

// String is the amount as [ParseAmount] reads it: 2, -0.5, 1.25. Three decimals get a
// zero behind them where they could be taken for thousands.
func (a Amount) String() string {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "-", -n
	}
	text := sign + strconv.FormatUint(n/uint64(one), 10)
	if rest := n % uint64(one); rest > 0 {
		text += "." + strings.TrimRight(strconv.FormatUint(rest+uint64(one), 10)[1:], "0")
	}
	if groupForm.MatchString(text) {
		text += "0"
	}
	return text
}

// Signed is the amount with its sign: +2, -1.
func (a Amount) Signed() string {
	if a < 0 {
		return a.String()
	}
	return "+" + a.String()
}

// MarshalText implements [encoding.TextMarshaler].
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (a *Amount) UnmarshalText(text []byte) (err error) {
	*a, err = readAmount(string(text))
	return err
}
