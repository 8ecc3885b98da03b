package handlers

// Profile is what the bot says of itself before anybody has written to it.
type Profile struct {
	Long  string // at most 512 characters (Bot API, setMyDescription)
	Short string // at most 120 (Bot API, setMyShortDescription)
}

// About is the bot's profile.
func About() Profile {
	return Profile{
		Long: "I keep a list of goals.\n\n" +
			"• Add one: /addgoal call mother\n" +
			"• See them: /goals\n" +
			"• Finish one: /done 1\n" +
			"• Changed your mind: /undo\n\n" +
			"Every change is kept safely and written to goals.json, the file that other programs read. If that file breaks, I tell you at once and fix it when you ask me to.\n\n" +
			"I answer only the people I know.",
		Short: "Keeps a list of goals, writes every change to goals.json, and says so when that file breaks.",
	}
}
