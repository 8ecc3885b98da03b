-- The body of a goal, here and in the history, may be an array of the goal's JSON and
-- its plan. Programs that do not know that must not open the database.
SELECT 1;
