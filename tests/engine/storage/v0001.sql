BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE jobs (
	serial INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	request JSON NOT NULL, 
	sources JSON NOT NULL, 
	"plan" JSON NOT NULL, 
	state TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	lost INTEGER NOT NULL, 
	turn INTEGER NOT NULL, 
	created FLOAT NOT NULL, 
	ended FLOAT, 
	losses JSON NOT NULL, 
	seconds FLOAT, 
	width INTEGER, 
	height INTEGER, 
	stopped_early BOOLEAN NOT NULL, 
	error JSON, 
	UNIQUE (id), 
	UNIQUE ("key")
);
INSERT INTO "jobs" VALUES(1,'queued','key-queued','digest','{"owner": {"guild": "oaks", "user": "queued"}, "styles": [{"name": null, "part": "style-1", "weight": 1.0}], "recipe": "standard", "size": null, "strength": 50, "seed": 0, "budget": null, "evaluations": null}','["sha256:0"]','{"recipe": "draft", "levels": [{"width": 8, "height": 8, "evaluations": 10}], "seconds": 10.0}','queued',0,0,0,1700000000.0,NULL,'{}',NULL,NULL,NULL,0,NULL);
INSERT INTO "jobs" VALUES(2,'running','key-running','digest','{"owner": {"guild": "oaks", "user": "running"}, "styles": [{"name": null, "part": "style-1", "weight": 1.0}], "recipe": "standard", "size": null, "strength": 50, "seed": 0, "budget": null, "evaluations": null}','["sha256:0"]','{"recipe": "draft", "levels": [{"width": 8, "height": 8, "evaluations": 10}], "seconds": 10.0}','running',2,1,1,1700000000.0,NULL,'{}',NULL,NULL,NULL,0,NULL);
INSERT INTO "jobs" VALUES(3,'finished','key-finished','digest','{"owner": {"guild": "oaks", "user": "finished"}, "styles": [{"name": null, "part": "style-1", "weight": 1.0}], "recipe": "standard", "size": null, "strength": 50, "seed": 0, "budget": null, "evaluations": null}','["sha256:0"]','{"recipe": "draft", "levels": [{"width": 8, "height": 8, "evaluations": 10}], "seconds": 10.0}','finished',1,0,2,1700000000.0,1700000060.0,'{"total": 0.5, "content": 0.25}',41.5,384,256,1,NULL);
INSERT INTO "jobs" VALUES(4,'failed','key-failed','digest','{"owner": {"guild": "oaks", "user": "failed"}, "styles": [{"name": null, "part": "style-1", "weight": 1.0}], "recipe": "standard", "size": null, "strength": 50, "seed": 0, "budget": null, "evaluations": null}','["sha256:0"]','{"recipe": "draft", "levels": [{"width": 8, "height": 8, "evaluations": 10}], "seconds": 10.0}','failed',3,3,3,1700000000.0,1700000060.0,'{}',NULL,NULL,NULL,0,'{"code": "out_of_memory", "message": "The picture needs more memory than the engine has: please try a smaller size."}');
CREATE TABLE starts (
	count INTEGER NOT NULL
);
INSERT INTO "starts" VALUES(1);
CREATE INDEX ix_jobs_state ON jobs (state);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',4);
COMMIT;
