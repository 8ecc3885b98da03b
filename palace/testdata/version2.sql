INSERT INTO meta (only_one, store, revision, last_number, last_message, goal_rows) VALUES (1, '5S2Q224K7FYEULWFY2CFEAM35Z', 13, 3, 4, 3);
INSERT INTO goals (number, id, body, deleted, sum) VALUES (1, CAST(x'672D6F64642000' AS TEXT), '{
    "id": "g-odd \u0000",
    "description": "naïve 🎯",
    "status": "inProgress",
    "acceptance": [
      "a",
      ""
    ],
    "sessions": [
      {
        "session_id": "s",
        "task": "t",
        "state": "running",
        "evidence": "green\n\"quoted\"  ",
        "e": [ ]
      },
      {
        "session_id": "s2",
        "task": "",
        "state": "verified",
        "evidence": null
      }
    ],
    "progress": 255,
    "created": "2026-11-22T12:00:00Z",
    "updated": "2026-11-22T12:07:00Z",
    "notes": [
      "n"
    ],
    "z": 1e999
  }', 0, 738501000);
INSERT INTO goals (number, id, body, deleted, sum) VALUES (2, 'g-2', '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "blocked",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:11:00Z",
    "notes": [
      "her number is 5",
      "Blocked: no phone"
    ]
  }', 0, 556751623);
INSERT INTO goals (number, id, body, deleted, sum) VALUES (3, 'g-3', '{
    "id": "g-3",
    "description": "a secret",
    "status": "pending",
    "acceptance": [],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:03:00Z",
    "updated": "2026-11-22T12:03:00Z",
    "notes": []
  }', 1795349280000000000, 1723157995);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/1', 0, 1, 'merge', 0, 1795348860000000000, 1, NULL, '{
    "id": "g-odd \u0000",
    "description": "naïve 🎯",
    "status": "inProgress",
    "acceptance": [
      "a",
      ""
    ],
    "sessions": [
      {
        "session_id": "s",
        "task": "t",
        "state": "running",
        "evidence": "green\n\"quoted\"  ",
        "e": [ ]
      },
      {
        "session_id": "s2",
        "task": "",
        "state": "verified",
        "evidence": null
      }
    ],
    "progress": 255,
    "created": "2026-11-22T12:00:00Z",
    "updated": "2026-11-22T12:00:00Z",
    "notes": [
      "n"
    ],
    "z": 1e999
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/2', 0, 2, 'addgoal', 7, 1795348920000000000, 2, NULL, '{
    "id": "g-2",
    "description": "call mother",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:02:00Z",
    "notes": []
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/3', 0, 3, 'addgoal', 7, 1795348980000000000, 3, NULL, '{
    "id": "g-3",
    "description": "a secret",
    "status": "pending",
    "acceptance": [],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:03:00Z",
    "updated": "2026-11-22T12:03:00Z",
    "notes": []
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/4', 0, 4, 'note', 7, 1795349040000000000, 2, '{
    "id": "g-2",
    "description": "call mother",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:02:00Z",
    "notes": []
  }', '{
    "id": "g-2",
    "description": "call mother",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:04:00Z",
    "notes": [
      "her number is 5"
    ]
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/5', 0, 5, 'rename', 8, 1795349100000000000, 2, '{
    "id": "g-2",
    "description": "call mother",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:04:00Z",
    "notes": [
      "her number is 5"
    ]
  }', '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:05:00Z",
    "notes": [
      "her number is 5"
    ]
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/6', 0, 6, 'done', 7, 1795349160000000000, 1, '{
    "id": "g-odd \u0000",
    "description": "naïve 🎯",
    "status": "inProgress",
    "acceptance": [
      "a",
      ""
    ],
    "sessions": [
      {
        "session_id": "s",
        "task": "t",
        "state": "running",
        "evidence": "green\n\"quoted\"  ",
        "e": [ ]
      },
      {
        "session_id": "s2",
        "task": "",
        "state": "verified",
        "evidence": null
      }
    ],
    "progress": 255,
    "created": "2026-11-22T12:00:00Z",
    "updated": "2026-11-22T12:00:00Z",
    "notes": [
      "n"
    ],
    "z": 1e999
  }', '{
    "id": "g-odd \u0000",
    "description": "naïve 🎯",
    "status": "done",
    "acceptance": [
      "a",
      ""
    ],
    "sessions": [
      {
        "session_id": "s",
        "task": "t",
        "state": "running",
        "evidence": "green\n\"quoted\"  ",
        "e": [ ]
      },
      {
        "session_id": "s2",
        "task": "",
        "state": "verified",
        "evidence": null
      }
    ],
    "progress": 50,
    "created": "2026-11-22T12:00:00Z",
    "updated": "2026-11-22T12:06:00Z",
    "notes": [
      "n",
      "Finished with 1/2 tasks verified."
    ],
    "z": 1e999
  }', 1);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/6', 1, 6, 'done', 7, 1795349160000000000, 2, '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:05:00Z",
    "notes": [
      "her number is 5"
    ]
  }', '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "done",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:06:00Z",
    "notes": [
      "her number is 5"
    ]
  }', 1);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/7', 0, 7, 'undo', 7, 1795349220000000000, 1, '{
    "id": "g-odd \u0000",
    "description": "naïve 🎯",
    "status": "done",
    "acceptance": [
      "a",
      ""
    ],
    "sessions": [
      {
        "session_id": "s",
        "task": "t",
        "state": "running",
        "evidence": "green\n\"quoted\"  ",
        "e": [ ]
      },
      {
        "session_id": "s2",
        "task": "",
        "state": "verified",
        "evidence": null
      }
    ],
    "progress": 50,
    "created": "2026-11-22T12:00:00Z",
    "updated": "2026-11-22T12:06:00Z",
    "notes": [
      "n",
      "Finished with 1/2 tasks verified."
    ],
    "z": 1e999
  }', '{
    "id": "g-odd \u0000",
    "description": "naïve 🎯",
    "status": "inProgress",
    "acceptance": [
      "a",
      ""
    ],
    "sessions": [
      {
        "session_id": "s",
        "task": "t",
        "state": "running",
        "evidence": "green\n\"quoted\"  ",
        "e": [ ]
      },
      {
        "session_id": "s2",
        "task": "",
        "state": "verified",
        "evidence": null
      }
    ],
    "progress": 255,
    "created": "2026-11-22T12:00:00Z",
    "updated": "2026-11-22T12:07:00Z",
    "notes": [
      "n"
    ],
    "z": 1e999
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/7', 1, 7, 'undo', 7, 1795349220000000000, 2, '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "done",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:06:00Z",
    "notes": [
      "her number is 5"
    ]
  }', '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:07:00Z",
    "notes": [
      "her number is 5"
    ]
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/8', 0, 8, 'delete', 7, 1795349280000000000, 3, '{
    "id": "g-3",
    "description": "a secret",
    "status": "pending",
    "acceptance": [],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:03:00Z",
    "updated": "2026-11-22T12:03:00Z",
    "notes": []
  }', NULL, 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/9', 0, 9, 'delete', 8, 1795349340000000000, 2, '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:07:00Z",
    "notes": [
      "her number is 5"
    ]
  }', NULL, 1);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/10', 0, 10, 'undo', 8, 1795349400000000000, 2, NULL, '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:10:00Z",
    "notes": [
      "her number is 5"
    ]
  }', 0);
INSERT INTO events (key, seq, revision, name, member, at, number, before, after, taken_back) VALUES ('tg/11', 0, 11, 'block', 7, 1795349460000000000, 2, '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "pending",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:10:00Z",
    "notes": [
      "her number is 5"
    ]
  }', '{
    "id": "g-2",
    "description": "call mother and father",
    "status": "blocked",
    "acceptance": [
      "she is well"
    ],
    "sessions": [],
    "progress": 0,
    "created": "2026-11-22T12:02:00Z",
    "updated": "2026-11-22T12:11:00Z",
    "notes": [
      "her number is 5",
      "Blocked: no phone"
    ]
  }', 0);
INSERT INTO applied (key, revision, at) VALUES ('tg/1', 1, 1795348860000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/2', 2, 1795348920000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/3', 3, 1795348980000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/4', 4, 1795349040000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/5', 5, 1795349100000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/6', 6, 1795349160000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/7', 7, 1795349220000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/8', 8, 1795349280000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/9', 9, 1795349340000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/10', 10, 1795349400000000000);
INSERT INTO applied (key, revision, at) VALUES ('tg/11', 11, 1795349460000000000);
INSERT INTO outbox (id, chat, body, at) VALUES (2, -9, X'616C736F', 1795349460000000000);
INSERT INTO outbox (id, chat, body, at) VALUES (4, 7, X'', 1795349460000000000);
INSERT INTO parked (id, chat, body, reason, at) VALUES (1, 7, X'7761697473', 'refused', 1795349460000000000);
INSERT INTO parked (id, chat, body, reason, at) VALUES (3, 7, X'', 'too big', 1795349460000000000);
INSERT INTO records (kind, name, value) VALUES ('member', '8', '{"role":2}');
INSERT INTO records (kind, name, value) VALUES ('x', 'odd ''name''', 'odd value');
