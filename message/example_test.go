package message_test

import (
	"fmt"

	"goalbot/message"
)

// What a person typed stays text, whatever it looks like; offsets are those
// that Telegram counts.
func Example() {
	var t message.Text
	t.Add("✅ 🏃 ").Bold("run <b>far</b>")
	m := t.Message([]message.Button{{Label: "Undo", Command: "undo"}})
	fmt.Println(m.Text)
	fmt.Println(m.Entities)
	// Output:
	// ✅ 🏃 run <b>far</b>
	// [{bold 5 14 0}]
}
